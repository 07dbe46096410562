"""Texts of generated tickets: words of Dutch shape, some often and most seldom, as in real mail."""

import itertools
import random

COMMON = "afdrukken"  # in a fifth of all tickets
RARE = "kwartelnest"  # in RARE_TICKETS of them
RARE_TICKETS = 7
COMMON_SHARE = 0.2
LENGTH = 600

_SMALL = (
    "de het een en van ik niet is dat op te in met voor als maar er aan bij ook nog naar".split()
)
_BEGIN = "b br d dr f g gr h j k kl kr l m n p pl r s sch sl sp st str t tr v vl w z".split()
_MIDDLE = "a aa e ee i ie o oe oo u ui ij ei ou eu".split()
_END = ["", "l", "m", "n", "p", "r", "s", "t", "k", "nd", "rt", "ng", "st"]
_WORDS = 6000
_SENTENCES = 3000


class Writer:
    """Writes titles and bodies, the same for the same seed."""

    def __init__(self, random_: random.Random):
        self._random = random_
        words = self._vocabulary()
        # Zipf: the n-th word occurs 1/n times as often as the first.
        weights = list(itertools.accumulate(1 / (rank + 8) for rank in range(len(words))))
        self._sentences = [self._sentence(words, weights) for _ in range(_SENTENCES)]

    def title(self) -> str:
        return self._pick()[:60].rsplit(" ", 1)[0]

    def body(self, length: int = LENGTH) -> str:
        """A text of exactly `length` characters, which names a machine of its own."""
        parts = [
            f"Werkplek WS-{self._random.randrange(100000):05d} meldt {self._random.randrange(10**6)}."
        ]
        size = len(parts[0])
        while size < length:
            parts.append(self._pick())
            size += len(parts[-1]) + 1
        return " ".join(parts)[: length - 1] + "."

    def bodies(self, count: int) -> list[str]:
        """So many texts, some of them with the common word, a few with the rare one."""
        bodies = [self.body() for _ in range(count)]
        for key in self._random.sample(range(count), int(count * COMMON_SHARE)):
            bodies[key] = self._with_word(bodies[key], COMMON)
        for key in self._random.sample(range(count), RARE_TICKETS):
            bodies[key] = self._with_word(bodies[key], RARE)
        return bodies

    def _with_word(self, body: str, word: str) -> str:
        """`body`, as long as it was, with `word` in it."""
        return f"{body[: len(body) - len(word) - 2]} {word}."

    def _pick(self) -> str:
        return self._sentences[self._random.randrange(_SENTENCES)]

    def _vocabulary(self) -> list[str]:
        words: dict[str, None] = {}
        while len(words) < _WORDS:
            syllables = (
                self._random.choice(_BEGIN)
                + self._random.choice(_MIDDLE)
                + self._random.choice(_END)
                for _ in range(self._random.choice((1, 2, 2, 3)))
            )
            words["".join(syllables)] = None
        words.pop(COMMON, None)
        words.pop(RARE, None)
        return list(words)

    def _sentence(self, words: list[str], weights: list[float]) -> str:
        picked = self._random.choices(words, cum_weights=weights, k=self._random.randint(6, 14))
        small = (self._random.choice(_SMALL) for _ in picked)
        text = " ".join(itertools.chain.from_iterable(zip(small, picked)))
        return f"{text.capitalize()}."
