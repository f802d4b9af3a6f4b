"""Writing a paper's tables to a file and checking them."""

import textwrap

from shidian.audit.printed_tables.check import check_tables

BASE = """
    sample: {{units: 100, first_year: 2001, last_year: 2010, balanced: true, n: 1000}}
    tables:
      baseline:
        columns: {{a: {{n: 1000, r2: 0.10}}, b: {{n: 1000, r2: {r2}}}}}
        rows:
          did: {{a: [0.50, 0.10, 3], b: [0.40, {se}, {stars}]}}
          x: {{b: [0.01, 0.02, 0]}}
"""


def run(tmp_path, text):
    path = tmp_path / "paper.yaml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return check_tables(path)


def verdicts(findings, check):
    return findings.loc[findings["check"] == check, "verdict"].tolist()
