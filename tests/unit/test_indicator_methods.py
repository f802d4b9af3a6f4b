"""Every indicator's declaration is whole, and its module computes what it declares."""

import inspect
from importlib import import_module

import pytest
from jsonschema import Draft202012Validator
from shidian.extensions import PACKAGE
from shidian.study.indicator_methods import formulas_page, methods, study_schema
from shidian.study.model import KEYWORD_SHARE


@pytest.mark.parametrize("name", methods())
def test_a_method_is_whole(name):
    method = methods()[name]
    assert set(method.label) == {"en", "zh"}
    assert all(method.label.values())
    assert method.formula
    assert method.source
    assert method.takes in ("roles", "list", "nothing")
    assert bool(method.roles) == (method.takes == "roles")
    assert set(method.required) <= set(method.options)
    for option, schema in method.options.items():
        assert schema["description"], option
        Draft202012Validator.check_schema(schema)
        assert "default" not in schema or Draft202012Validator(schema).is_valid(schema["default"])
        assert ("default" in schema) or option in method.required or name == KEYWORD_SHARE
    module = import_module(method.module)
    assert (module.share_of_keywords if name == KEYWORD_SHARE else module.compute).__doc__
    assert method.name in formulas_page()


def test_every_file_of_an_indicator_declares_it():
    """A file of the folder with a ``compute`` has a METHOD that is found, and the other way round."""
    computing = set()
    for path in (PACKAGE / "indicators").glob("*.py"):
        module = import_module(f"shidian.indicators.{path.stem}" if path.stem != "__init__" else "shidian.indicators")
        if inspect.isfunction(getattr(module, "compute", None)):
            computing.add(path.stem)
    declared = {name for name, method in methods().items() if method.module.startswith("shidian.indicators.")}
    assert computing == declared


def test_the_schema_of_a_study_offers_every_method_and_option():
    keys = study_schema()["properties"]["indicators"]["additionalProperties"]["properties"]
    assert keys["method"]["enum"] == list(methods())
    options = {option for method in methods().values() for option in method.options}
    assert options <= set(keys)
