"""What the register does not take, as a sentence for whoever typed it, in the reader's language."""

from collections.abc import Callable
from typing import Any


def _in_dutch(sentence: str, /, **values: Any) -> str:
    return sentence % values if values else sentence


_translate: Callable[..., str] = _in_dutch


def speak(translate: Callable[..., str]) -> None:
    """Say all sentences by `translate(sentence, **values)` from now on, which knows the reader."""
    global _translate
    _translate = translate


class Said:
    """A Dutch sentence or word, said in the language of the moment at which it is read."""

    def __init__(self, sentence: str, /, **values: Any):
        self.sentence, self.values = sentence, values

    def __str__(self) -> str:
        return _translate(self.sentence, **self.values)


class Unfit(ValueError):
    """A value that will not do. `values` fill the `%(names)s` in the Dutch sentence."""

    def __init__(self, sentence: str, /, **values: Any):
        super().__init__(Said(sentence, **values))
