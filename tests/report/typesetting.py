"""Tables typeset by TeX, in an article of 11 points on A4 and in classes of journals, and what TeX says of them."""

import re
import shutil
import subprocess

ARTICLE = r"\documentclass[11pt]{article}\usepackage[a4paper,margin=2.5cm]{geometry}"
JOURNALS = {"elsarticle": r"\documentclass[preprint]{elsarticle}", "IEEEtran": r"\documentclass[journal]{IEEEtran}"}
"""Classes that Debian's TeX has, as their journals ask for them: one narrow column, and two columns."""
FAULTS = re.compile(r"^!|^Overfull|Float too large|Missing character|Undefined control|multiply defined")


def engine(tables):
    """Return the program that the tables' first lines ask for."""
    return "xelatex" if any("xelatex" in text.splitlines()[0] for text in tables.values()) else "pdflatex"


def packages(tables):
    """Return the packages that the tables' first lines name."""
    named = [re.findall(r"\\usepackage\{([^}]*)\}", text.splitlines()[0]) for text in tables.values()]
    return sorted({name for lists in named for names in lists for name in names.split(",")})


def faults(tables, folder, page=ARTICLE):
    """Typeset the tables, name -> LaTeX, each on pages of its own; return what TeX complains of, by table.

    Two runs where a table breaks over pages: its columns have their widths in the second.
    """
    body = "".join(f"\\typeout{{@@{name}}}\n{text}\\clearpage\n" for name, text in tables.items())
    head = f"{page}\\usepackage{{{','.join(packages(tables))}}}\n\\begin{{document}}\n"
    (folder / "t.tex").write_text(head + body + "\\end{document}\n", encoding="utf-8")
    draft = "-no-pdf" if engine(tables) == "xelatex" else "-draftmode"
    command = [engine(tables), draft, "-interaction=nonstopmode", "t.tex"]
    for _ in range(1 + ("{longtable}" in body)):
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    found, at = {}, ""
    for line in run.stdout.splitlines():
        at = line[2:] if line.startswith("@@") else at
        if FAULTS.search(line):
            found.setdefault(at, []).append(line)
    assert run.returncode == 0 or found, run.stdout[-2000:]
    return found


def installed(*names):
    """Say whether this machine has the programs and packages."""
    if not shutil.which("kpsewhich") or not shutil.which(names[0]):
        return False
    files = [f"{name}.sty" for name in ("siunitx", "booktabs", "pdflscape", *names[1:])]
    return all(subprocess.run(["kpsewhich", file], capture_output=True, check=False).returncode == 0 for file in files)


def has_class(name):
    """Say whether this machine has a class of documents."""
    found = shutil.which("kpsewhich") and subprocess.run(["kpsewhich", f"{name}.cls"], capture_output=True, check=False)
    return bool(found) and found.returncode == 0


MISSING = {"en": not installed("pdflatex"), "zh": not installed("xelatex", "ctex")}
"""Language -> whether the TeX for it is missing here."""
