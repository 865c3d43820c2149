"""Understanding a trained model: which features it needs, and how what it confuses sounds."""

from .confusion import ConfusionPlayer, confusion_player
from .importance import FeatureImportanceDisplay, feature_importance_by_group

__all__ = [
    "ConfusionPlayer",
    "FeatureImportanceDisplay",
    "confusion_player",
    "feature_importance_by_group",
]
