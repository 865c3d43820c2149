import os
import pickle
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from itertools import count

import numpy as np
import pytest
import soundfile
from conftest import RATE
from sklearn.base import clone

from sklearn_audio import Loader, RMSExtractor, RowStore
from sklearn_audio.errors import RowStoreError
from sklearn_audio.keys import digest_of
from sklearn_audio.rows import Row, bytes_of

AN_HOUR_NS = 3600 * 10**9


def key_of(number):
    return digest_of(number.to_bytes(8, "little"))


def row_of(number, n_values=80):
    """Return a row that tells its number."""
    return Row(RATE, np.random.default_rng(number).normal(size=n_values).astype(np.float32))


def keep(store, numbers):
    store.keep([(key_of(number), row_of(number)) for number in numbers])


def kept(store, numbers):
    """Return which rows are in the database; all that are there have to be right."""
    # What a process has read once it remembers; this makes it forget.
    assert store.verify() == 0
    rows = store.find([key_of(number) for number in numbers])
    found = {number: row for number, row in zip(numbers, rows, strict=True) if row is not None}
    for number, row in found.items():
        assert_same_row(row, row_of(number))
    return list(found)


def assert_same_row(row, expected):
    assert row.rate == expected.rate
    np.testing.assert_array_equal(row.values, expected.values)


def bytes_on_disk(folder):
    return sum(file.stat().st_size for file in folder.iterdir())


def age(file):
    """Make a file an hour old, so that no later change can have the same time."""
    an_hour_ago = time.time_ns() - AN_HOUR_NS
    os.utime(file, ns=(an_hour_ago, an_hour_ago))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "rows"


@pytest.fixture
def store(folder):
    return RowStore(folder)


# Rows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [None, 8000, 44100, 11025.5, 1e-3])
@pytest.mark.parametrize(
    "values", [[], [0.0], [-0.0, 1e-45, 3.4e38, np.nan, -np.inf], np.linspace(-1, 1, 5000)]
)
def test_a_row_is_found_bit_for_bit_as_it_was_kept(store, rate, values):
    values = np.array(values, dtype=np.float32)
    store.keep([(key_of(0), Row(rate, values))])

    remembered = store.find([key_of(0)])
    assert store.verify() == 0  # it reads the database, and forgets what it remembered
    for (row,) in (remembered, store.find([key_of(0)])):
        assert row.rate == rate
        assert type(row.rate) is type(rate)
        assert row.values.dtype == np.float32
        assert row.values.tobytes() == values.tobytes()


def test_rows_are_found_in_the_order_of_their_keys_and_none_where_there_is_none(store):
    keep(store, [1, 2, 3])
    keys = [key_of(3), key_of(7), None, key_of(1), key_of(3)]

    for _ in range(2):
        rows = store.find(keys)
        assert [row is None for row in rows] == [False, True, True, False, False]
        assert_same_row(rows[0], row_of(3))
        assert_same_row(rows[3], row_of(1))
        assert_same_row(rows[4], row_of(3))
        assert store.verify() == 0
    assert store.find([]) == []


def test_more_keys_than_fit_into_one_statement_are_found(store):
    keep(store, range(2000))

    assert kept(store, range(3000)) == list(range(2000))


def test_a_later_row_replaces_one_of_the_same_key(store):
    store.keep([(key_of(0), row_of(1)), (key_of(0), row_of(2))])
    store.keep([(key_of(0), row_of(0))])

    assert len(store) == 1
    assert kept(store, [0]) == [0]


def test_nobody_can_write_into_a_row_of_the_store(store):
    values = row_of(0).values.copy()
    store.keep([(key_of(0), Row(RATE, values))])
    values[:] = 0

    for _ in range(2):
        (row,) = store.find([key_of(0)])
        assert_same_row(row, row_of(0))
        with pytest.raises(ValueError, match="read-only"):
            row.values[0] = 0
        assert store.verify() == 0


def test_another_process_finds_the_rows(folder, store):
    keep(store, range(3))
    program = (
        "import sys; from sklearn_audio import RowStore\n"
        "for row in RowStore(sys.argv[1]).find([bytes.fromhex(key) for key in sys.argv[2:]]):\n"
        "    print(row and (row.rate, row.values.tobytes().hex()))"
    )
    keys = [key_of(number).hex() for number in (2, 0, 5)]
    answer = subprocess.run(
        [sys.executable, "-c", program, folder, *keys], check=True, capture_output=True, text=True
    )

    expected = [str((RATE, row_of(number).values.tobytes().hex())) for number in (2, 0)]
    assert answer.stdout.splitlines() == [*expected, "None"]


# The store -----------------------------------------------------------------------------------


def test_info_tells_rows_bytes_hits_and_misses(folder, store):
    assert store.info()[0] == store.info()[2] == store.info()[3] == 0

    keep(store, range(5))
    store.find([key_of(0), key_of(1), key_of(8)])

    assert store.info() == (5, bytes_on_disk(folder), 2, 1)
    assert store.info().rows == len(store) == 5
    assert store.info().bytes > 5 * 320


def test_an_empty_store_is_true(store):
    assert len(store) == 0
    assert store


def test_clear_forgets_all_rows_and_gives_their_room_back(folder, store):
    empty = store.info().bytes
    keep(store, range(3000))
    store.find([key_of(1)])
    assert store.info().bytes > 10**6

    store.clear()

    assert store.info()[0] == store.info()[2] == store.info()[3] == 0
    assert store.find([key_of(1)]) == [None]
    assert bytes_on_disk(folder) <= empty
    keep(store, [1])
    assert kept(store, range(5)) == [1]


def test_verify_deletes_rows_that_are_damaged(folder, store):
    keep(store, range(10))
    changes = {
        1: "value = zeroblob(320)",
        2: "rate = 16000",
        3: "rate = NULL",
        4: "checksum = x'00'",
        5: "value = 'text'",
        6: "rate = 'fast'",
        7: "value = substr(value, 5)",
    }
    with sqlite3.connect(folder / "rows.sqlite") as connection:
        for number, change in changes.items():
            connection.execute(f"UPDATE rows SET {change} WHERE key = ?", (key_of(number),))
        # The row of one recording under the key of another.
        connection.execute("DELETE FROM rows WHERE key = ?", (key_of(9),))
        connection.execute("UPDATE rows SET key = ? WHERE key = ?", (key_of(9), key_of(8)))
    connection.close()

    assert store.verify() == len(changes) + 1
    assert len(store) == 1
    assert kept(store, range(10)) == [0]


@pytest.mark.parametrize("change", ["value = x'00'", "rate = 'fast'", "checksum = 7"])
def test_a_damaged_row_is_a_missing_one(folder, store, change):
    keep(store, [0])
    with sqlite3.connect(folder / "rows.sqlite") as connection:
        connection.execute(f"UPDATE rows SET {change}")
    connection.close()
    copy = shutil.copytree(folder, folder.with_name("copy"))

    assert RowStore(copy).find([key_of(0)]) == [None]
    assert RowStore(copy).info()[2:] == (0, 1)


def test_repr_shows_how_to_make_it():
    assert repr(RowStore("rows", size_limit="1MB")) == "RowStore(path='rows', size_limit='1MB')"


def test_a_copy_by_pickle_finds_the_same_rows(store):
    keep(store, range(100))
    pickled = pickle.dumps(store)
    assert len(pickled) < 1000

    assert pickle.loads(pickled) == store
    assert kept(pickle.loads(pickled), range(100)) == list(range(100))


def test_a_clone_of_a_loader_has_the_same_store(store):
    keep(store, [0])
    memory = clone(Loader(memory=store)).memory

    assert memory == store
    assert hash(memory) == hash(store)
    assert kept(memory, [0]) == [0]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_only_this_user_can_read_the_store(tmp_path):
    folder = tmp_path / "not" / "there" / "yet"
    umask = os.umask(0)
    try:
        keep(RowStore(folder), [0])
    finally:
        os.umask(umask)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_nothing_is_made_before_the_first_use(folder, store):
    Loader(memory=store).transform([])

    assert not folder.exists()


def test_a_store_goes_on_when_its_folder_is_deleted(folder, store):
    keep(store, range(5))
    shutil.rmtree(folder)

    keep(store, [7, 8])

    assert len(store) == 2
    assert kept(store, range(10)) == [7, 8]


def test_stores_of_one_path_share_all(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    (folder.parent / "link").symlink_to(folder, target_is_directory=True)
    stores = [RowStore(folder), RowStore(str(folder)), RowStore("rows", "1MB"), RowStore("link")]
    for number, store in enumerate(stores):
        keep(store, [number])

    for store in stores:
        assert kept(store, range(5)) == [0, 1, 2, 3]
        assert store.info() == stores[0].info()
    assert stores[0].info().hits == 16


def test_a_store_that_is_reached_by_two_names_loses_nothing_when_another_process_leaves(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "rows", target_is_directory=True)
    names = [RowStore(tmp_path / "rows"), RowStore(tmp_path / "link")]
    for number, store in enumerate(names):
        keep(store, [number])
    # SQLite's locks tell a process that it is not the last one; if not, it deletes the log.
    program = "import sys; from sklearn_audio import RowStore; print(len(RowStore(sys.argv[1])))"
    command = [sys.executable, "-c", program, tmp_path / "rows"]
    subprocess.run(command, check=True)
    keep(names[0], [2])

    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    assert answer.stdout == "3\n"


@pytest.mark.parametrize("path", [None, 3, "", b"rows"])
def test_a_path_that_is_none_is_refused(path):
    with pytest.raises(TypeError, match="the path of a folder is wanted"):
        RowStore(path)


# Size ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "n_bytes"),
    [
        ("2GB", 2 * 10**9),
        ("500 MB", 5 * 10**8),
        ("1.5kb", 1500),
        (" 3tb ", 3 * 10**12),
        ("7B", 7),
        ("1e9", 10**9),
        ("4096", 4096),
        (4096, 4096),
        (1e6, 10**6),
        (np.int64(5000), 5000),
    ],
)
def test_a_size_is_a_number_with_a_unit_or_without(size, n_bytes):
    assert bytes_of(size) == n_bytes
    RowStore("rows", size_limit=size)


@pytest.mark.parametrize(
    "size", ["", "GB", "2PB", "-1GB", 0, "0MB", -5, "1.2.3MB", "1e999", "nan", None, True, "2 G B"]
)
def test_a_size_that_is_none_is_refused(size):
    with pytest.raises(ValueError, match=r'size_limit=.*; a size such as "2GB", "500MB" or'):
        RowStore("rows", size_limit=size)


def test_the_least_recently_used_rows_go_first(folder):
    store = RowStore(folder, size_limit="1MB")
    keep(store, range(500))
    used = [*range(0, 500, 10), 3]
    store.find([key_of(number) for number in used])
    last = 500
    while len(store) == last:
        keep(store, range(last, last + 20))
        last += 20
    for _ in range(20):
        keep(store, range(last, last + 20))
        last += 20

    survivors = kept(store, range(last))

    assert set(used) <= set(survivors)
    not_used = [number for number in range(last) if number not in used]
    n_gone = last - len(survivors)
    assert 100 < n_gone < len(not_used) - 400
    assert survivors == sorted([*used, *not_used[n_gone:]])


def test_rows_that_another_process_used_are_used(folder):
    store = RowStore(folder, size_limit="1MB")
    keep(store, range(500))
    program = (
        "import sys; from sklearn_audio import RowStore\n"
        "RowStore(sys.argv[1]).find([bytes.fromhex(key) for key in sys.argv[2:]])"
    )
    keys = [key_of(number).hex() for number in range(10)]
    subprocess.run([sys.executable, "-c", program, folder, *keys], check=True)
    last = 500
    while last - len(store) < 50:
        keep(store, range(last, last + 20))
        last += 20

    assert kept(store, range(20)) == list(range(10))


@pytest.mark.parametrize(
    ("size_limit", "n_rows", "n_transactions"),
    [(300_000, 10, 150), (10**6, 64, 100), (5 * 10**6, 1000, 30)],
)
def test_the_files_exceed_the_limit_by_no_more_than_one_transaction(
    folder, size_limit, n_rows, n_transactions
):
    store = RowStore(folder, size_limit=size_limit)
    numbers = count()

    def keep_some():
        keep(store, [next(numbers) for _ in range(n_rows)])
        # Rows that were used are marked in the next transaction.
        store.find([key_of(number) for number in range(0, next(numbers), 7)])

    sizes = []
    for _ in range(n_transactions):
        keep_some()
        sizes.append(bytes_on_disk(folder))
    assert len(store) < n_transactions * n_rows
    transactions = []
    with sqlite3.connect(folder / "rows.sqlite") as connection:
        for _ in range(n_transactions):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            keep_some()
            # The log was empty, so what is in it is one transaction.
            transactions.append((folder / "rows.sqlite-wal").stat().st_size)
    connection.close()

    assert max(sizes) <= size_limit + max(transactions)
    # And it is used.
    assert max(sizes) > size_limit / 2


def test_prune_deletes_what_is_above_the_limit_and_gives_the_room_back(folder):
    keep(RowStore(folder), range(5000))
    store = RowStore(folder, size_limit="1MB")
    assert bytes_on_disk(folder) > 2 * 10**6

    n_deleted = store.prune()

    assert bytes_on_disk(folder) <= 10**6
    assert n_deleted + len(store) == 5000
    assert kept(store, range(5000)) == list(range(n_deleted, 5000))
    assert len(store) > 500
    assert store.prune() == 0


# Damage of the whole file --------------------------------------------------------------------


def rubbish(file):
    file.write_bytes(np.random.default_rng(0).bytes(50_000))


def cut(file):
    os.truncate(file, 3 * 4096)


def zeroed(file):
    with file.open("r+b") as opened:
        opened.seek(2 * 4096)
        opened.write(bytes(20 * 4096))


def of_another_format(file):
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 1000")
    connection.close()


@pytest.mark.parametrize("damage", [rubbish, cut, zeroed, of_another_format])
def test_a_damaged_file_is_an_error_until_it_is_cleared(tmp_path, damage):
    keep(RowStore(tmp_path / "rows"), range(500))
    # A copy, so that nothing of it is open yet.
    RowStore(tmp_path / "rows").prune()
    folder = shutil.copytree(tmp_path / "rows", tmp_path / "damaged")
    damage(folder / "rows.sqlite")
    store = RowStore(folder)

    with pytest.raises(RowStoreError, match=r"rows\.sqlite: it cannot be used \("):
        store.verify()

    store.clear()
    assert len(store) == 0
    keep(store, range(500))
    assert kept(store, range(500)) == list(range(500))


# Files ---------------------------------------------------------------------------------------


def digest_in(store, file):
    return store.contents([str(file)])[str(file)].digest


def test_the_digest_of_a_file_is_that_of_its_content(store, tmp_path):
    file = tmp_path / "bark.wav"
    file.write_bytes(b"bark")

    for _ in range(2):
        assert digest_in(store, file) == digest_of(b"bark")
        age(file)


def test_a_copied_or_renamed_file_has_the_same_digest(store, tmp_path):
    file = tmp_path / "bark.wav"
    file.write_bytes(b"bark")
    age(file)
    digest = digest_in(store, file)

    assert digest_in(store, shutil.copy2(file, tmp_path / "copy.wav")) == digest
    assert digest_in(store, shutil.copy(file, tmp_path / "later.wav")) == digest
    assert digest_in(store, file.rename(tmp_path / "renamed.wav")) == digest
    assert store.contents([str(file)]) == {}


def overwrite(file, content):
    file.write_bytes(content)


def replace(file, content):
    """Another file under the same name with the same time, as some tools that copy make it."""
    other = file.with_suffix(".new")
    other.write_bytes(content)
    os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    other.replace(file)


@pytest.mark.parametrize("change", [overwrite, replace])
def test_a_changed_file_of_the_same_size_is_noticed(store, tmp_path, change):
    file = tmp_path / "bark.wav"
    file.write_bytes(b"bark")
    age(file)
    contents = store.contents([str(file)])
    assert contents[str(file)].is_of(str(file))

    change(file, b"woof")

    assert not contents[str(file)].is_of(str(file))
    assert digest_in(store, file) == digest_of(b"woof")


def test_a_change_within_one_tick_of_the_clock_is_noticed(store, tmp_path):
    file = tmp_path / "bark.wav"
    now = time.time_ns()
    for content in (b"bark", b"woof", b"howl"):
        file.write_bytes(content)
        os.utime(file, ns=(now, now))
        assert digest_in(store, file) == digest_of(content)


def test_a_file_that_did_not_change_is_not_read_again(store, folder, tmp_path):
    file = tmp_path / "bark.wav"
    file.write_bytes(b"bark")
    age(file)
    marks = file.stat()
    digest = digest_in(store, file)

    # Nothing tells that it has changed, so the digest is that of what was read before.
    file.write_bytes(b"woof")
    os.utime(file, ns=(marks.st_atime_ns, marks.st_mtime_ns))

    assert digest_in(store, file) == digest
    # Another process finds it in the database.
    copy = shutil.copytree(folder, tmp_path / "copy")
    assert digest_in(RowStore(copy), file) == digest


@pytest.mark.parametrize("damaged", [5, 0.5, "bark", b"bark"])
def test_a_file_whose_digest_is_damaged_is_read_anew(store, tmp_path, damaged):
    file = tmp_path / "bark.wav"
    file.write_bytes(b"bark")
    age(file)
    digest_in(store, file)
    # A copy, because this process remembers what the store itself held.
    copy = RowStore(shutil.copytree(store.path, tmp_path / "copy"))
    connection = sqlite3.connect(tmp_path / "copy" / "rows.sqlite")
    with connection:
        assert connection.execute("UPDATE files SET digest = ?", (damaged,)).rowcount == 1
    connection.close()

    assert digest_in(copy, file) == digest_of(b"bark")


def test_what_cannot_be_read_has_no_content(store, tmp_path):
    assert store.contents([str(tmp_path), str(tmp_path / "none.wav"), "a\0b"]) == {}
    assert store.contents([]) == {}


def test_a_recording_that_is_renamed_or_copied_is_not_computed_again(store, tmp_path):
    file = tmp_path / "bark.wav"
    soundfile.write(file, np.random.default_rng(0).uniform(-0.5, 0.5, 4000), RATE)
    rows = RMSExtractor().fit_transform(Loader(memory=store).transform([file]))

    copy = shutil.copy(file, tmp_path / "copy.wav")
    renamed = file.rename(tmp_path / "renamed.wav")
    again = RMSExtractor().fit_transform(Loader(memory=store).transform([copy, renamed]))

    assert again.tolist() == [rows[0].tolist()] * 2
    assert store.info()[2:] == (2, 1)
    assert len(store) == 1


def test_a_recording_that_has_changed_is_computed_again(store, tmp_path):
    file = tmp_path / "bark.wav"
    levels = []
    for level in (0.5, 0.25, 0.5):
        soundfile.write(file, np.full(4000, level), RATE)
        rows = RMSExtractor(center=False).fit_transform(Loader(memory=store).transform([file]))
        levels.append(rows[0, 0])

    assert levels == [0.5, 0.25, 0.5]
    assert len(store) == 2
    assert store.info().hits == 1
