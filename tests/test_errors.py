import pickle

import pytest

from sklearn_audio import AudioError
from sklearn_audio import errors as errors_module


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ({}, "the signal is empty"),
        ({"position": 3}, "X[3]: the signal is empty"),
        ({"source": "bark.wav"}, "bark.wav: the signal is empty"),
        ({"source": "bark.wav", "position": 0}, "bark.wav (X[0]): the signal is empty"),
    ],
)
def test_the_message_says_what_is_known_of_the_place(place, message):
    assert str(AudioError("the signal is empty", **place)) == message


def test_it_is_the_same_class_at_the_top_level():
    assert AudioError is errors_module.AudioError


def test_it_is_a_value_error():
    with pytest.raises(ValueError, match="the signal is empty"):
        raise AudioError("the signal is empty")


def test_at_adds_the_place():
    error = AudioError("the signal is empty")

    located = error.at("bark.wav", 3)

    assert (located.reason, located.source, located.position) == (
        "the signal is empty",
        "bark.wav",
        3,
    )
    assert (error.source, error.position) == (None, None)


def test_at_leaves_what_is_known():
    error = AudioError("the signal is empty", source="bark.wav", position=0)

    assert str(error.at("meow.wav", 3)) == str(error)
    assert str(AudioError("empty", position=0).at("meow.wav", 3)) == "meow.wav (X[0]): empty"
    assert str(AudioError("empty", source="bark.wav").at(None, 3)) == "bark.wav (X[3]): empty"


def test_at_keeps_the_traceback():
    with pytest.raises(AudioError) as caught:
        raise AudioError("the signal is empty")

    assert caught.value.at("bark.wav", 3).__traceback__ is caught.value.__traceback__


@pytest.mark.parametrize("place", [{}, {"position": 0}, {"source": "bark.wav", "position": 3}])
def test_it_arrives_whole_from_another_process(place):
    error = AudioError("the signal is empty", **place)

    again = pickle.loads(pickle.dumps(error))

    assert type(again) is AudioError
    assert str(again) == str(error)
    assert (again.reason, again.source, again.position) == (
        error.reason,
        error.source,
        error.position,
    )


def test_notes_arrive_too():
    error = AudioError("the signal is empty")
    error.add_note("while training")

    assert pickle.loads(pickle.dumps(error)).__notes__ == ["while training"]
