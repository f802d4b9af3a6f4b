"""Simulated yearbooks with a planted truth.

``yearbooks.write_yearbooks(folder, seed)`` writes all workbooks, ``yearbooks.write_level`` those of one level;
``pseudo_true.simulate_panel`` gives a study's panel without any workbook and ``pseudo_true.pseudo_true`` the value that
an estimator has on the same design without disturbances. What is planted stands in config/truth/<study>.yaml, what is
printed and how messy in catalogue.yaml, which raw items a study needs in study_items.yaml.

::

    truth -> moments, structure, invert -> cities, counties, provinces (World: raw items; Panel: a study's variables)
          -> layout -> mess -> workbook (a volume) -> yearbooks (a level, with key.csv, planted.parquet, truth.yaml)
                          -> records (what reading them without rounding and misprints would give)
    catalogue -> sources (config/sources/sim_*.yaml)
"""
