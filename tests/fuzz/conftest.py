"""How long the fuzz runs: short in the suite, as long as asked by `python -m tests.fuzz`."""


def pytest_addoption(parser):
    parser.addoption("--requests", type=int, default=300, help="how many requests the fuzz sends")
    parser.addoption("--each", type=int, default=0, help="how many requests each kind of person sends")
    parser.addoption("--who", help="who sends them, as anna or nobody; everybody unless told")
    parser.addoption("--seed", type=int, default=1, help="the same seed sends the same requests")
