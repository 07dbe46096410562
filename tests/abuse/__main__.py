"""`python -m tests.abuse` prints the list: what is done, what partly, and what waits for which door."""

from collections import Counter

from tests.abuse.cases import ABSENT, cases

for case in cases():
    because = "; ".join(ABSENT[reason] for reason in case.waits)
    print(f"{case.number:<4}{case.state:<8} {len(case.tests)} tests  {because}".rstrip())
print(dict(Counter(case.state for case in cases())))
