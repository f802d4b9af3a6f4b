"""The faults that operators plant, and that the lists of named and reviewed ones still stand in the source."""

from tests.mutants.__main__ import listed, named_mutants
from tests.mutants.operators import mutants_of
from tests.mutants.selection import PACKAGES, ROOT, chosen, every_mutant, package_of, where_tested

SOURCE = '''"""A docstring: 1 + 1."""
LEVEL = 0.95


def spread(x: "a < b", n: int = 2) -> float:
    if not n >= 2:
        raise ValueError("n - 1" + str(n - 1))
    return np.sqrt(np.sum((x - x.mean(axis=0)) ** 2, axis=1).T / (n - 1)) + len("ä")
'''.encode()


def test_faults_of_a_small_source():
    reads = [(m.line, m.reads) for m in mutants_of("f.py", SOURCE)]
    assert (2, "LEVEL = 0.9") in reads
    assert (6, "if  n >= 2:") in reads
    assert (6, "if not n > 2:") in reads
    last = [text for line, text in reads if line == 8]
    tail = ' + len("ä")'
    whole = "np.sqrt(np.sum((x - x.mean(axis=0)) ** 2, axis=1).T / (n - 1))"
    assert f"return {whole}{tail}" == SOURCE.decode().splitlines()[-1].strip()
    for old, new in (
        ("x - x", "x + x"), ("mean", "sum"), ("axis=0", "axis=1"), ("** 2", "* 2"), ("axis=1", "axis=0"), (".T", ""),
        (" / ", " * "), ("n - 1", "n + 1"), ("np.sqrt", ""), ("np.sum", "np.mean"), ("- 1", "- 2"),
    ):  # fmt: skip
        assert f"return {whole.replace(old, new)}{tail}" in last, (old, new)
    assert not [text for line, text in reads if line in (1, 7)]
    assert not [text for _, text in reads if "a <= b" in text]


def test_every_fault_compiles_and_the_choice_is_one_a_line():
    mutants = every_mutant(ROOT, PACKAGES)
    sources = {m.file: (ROOT / m.file).read_bytes() for m in mutants}
    for m in mutants[::25]:
        compile(m.planted(sources[m.file]), m.file, "exec")
    some = chosen(mutants, 50, seed=3)
    assert len({(m.file, m.text) for m in some}) == len(some) == 50
    assert some == chosen(reversed(mutants), 50, seed=3)
    for m in some:
        assert all((ROOT / name).exists() for name in where_tested(package_of(m.file))), m.file


def test_the_lists_stand_in_the_source():
    assert len(named_mutants(listed("named.yaml"))) == len(listed("named.yaml"))
    planted = {(m.file, m.reads) for m in every_mutant(ROOT, PACKAGES)}
    for entry in listed("equivalent.yaml"):
        assert (entry["file"], entry["reads"]) in planted, entry
        assert entry["why"]
