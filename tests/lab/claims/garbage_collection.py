"""pytest plugin: no search for garbage while modules are imported and tests collected, and none among these later.

Imports and collection make a million objects that stay to the end. Python would search them again and again while their
number grows, for half of the time of the start. So this plugin is loaded before the imports of the others.
"""

import gc

import pytest

gc.disable()


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Search again from the end of the collection, but not among what is there by then."""
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
