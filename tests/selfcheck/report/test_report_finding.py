"""Finding a statement in a browser: search, filters, links, and the address that keeps them."""

import pytest

from lab.report import page
from selfcheck.report_samples import sample


def test_search_and_filters_narrow_the_statements(opened, address):
    visited = opened(address)
    for query in ("L1.2 vgg", "L1.2 参数"):  # in either language, whichever shows
        visited.fill("#query", query)
        assert visited.locator(".statement:visible").count() == visited.locator(".corrections li:visible").count() == 1

    visited.fill("#query", "")
    visited.click(".filters summary")
    visited.check('[name=verdict][value="refuted"]')
    assert visited.locator(".statement:visible").count() == 2
    assert visited.inner_text("#found").startswith("2 of 16")
    visited.check('[name=section][value="L2"]')
    assert visited.locator(".statement:visible").count() == 1
    visited.check('[name=kind][value="trained"]')
    assert visited.locator(".statement:visible").count() == 0
    visited.click("[type=reset]")
    visited.locator(".statement").nth(15).wait_for(state="visible")
    visited.check('[name=origin][value="paper"]')
    assert visited.locator(".statement:visible").count() == 3


def test_a_deep_link_opens_its_statement_in_either_language(opened, address):
    visited = opened(address + "#L2.1")
    visited.check("#lang-zh")
    again = opened(visited.url)

    assert visited.url.endswith("?lang=zh#L2.1") and again.locator('h1 [lang="zh"]').is_visible()
    assert again.locator('[id="L2.1"] details').first.get_attribute("open") is not None
    assert again.locator('[id="L2.1"]').evaluate("it => Math.abs(it.getBoundingClientRect().top) < 100")


def test_a_former_id_leads_to_the_statement_that_took_its_place(opened, tmp_path):
    evidence = sample(16, 1)
    evidence["statements"][8]["was"] = ["R1", "L1.2"]      # the second is still there, in a merged file of an old run
    visited = opened(page.write(evidence, tmp_path).as_uri() + "?find=L1.1#R1")

    visited.locator('[id="L2.1"] .evidence').first.wait_for(state="visible")
    assert visited.locator('[id="L2.1"]').evaluate("it => Math.abs(it.getBoundingClientRect().top) < 100")
    assert visited.locator('[id="L1.2"]').count() == 1


def test_a_link_opens_its_statement_whatever_the_filters_hide(opened, address):
    visited = opened(address)
    visited.fill("#query", "L1.2")
    visited.evaluate("location.hash = '#L2.1'")

    visited.locator('[id="L2.1"] .evidence').first.wait_for(state="visible")


@pytest.mark.parametrize("at, link", [
    pytest.param("", "#L2", id="to a section"),
    pytest.param("#L2", "#L2", id="to where the address is already"),
    pytest.param("", "#corrections", id="to the corrections"),
])
def test_a_link_shows_its_target_whatever_the_filters_hide(opened, address, at, link):
    visited = opened(address + at)
    visited.check("#sheet-student")
    visited.fill("#query", "L1.1")
    visited.click(f'.contents a[href="{link}"]')

    visited.locator(link).wait_for(state="visible")
    assert visited.input_value("#query") == "" and visited.locator(".statement:visible").count() == 16
    assert visited.is_checked("#sheet-student")


def test_filters_survive_a_reload_unless_they_hide_what_the_address_names(opened, address):
    visited = opened(address)
    visited.click(".filters summary")
    visited.check('[name=verdict][value="refuted"]')
    visited.fill("#query", "VGG L2")
    visited.reload()
    assert visited.locator(".statement:visible").count() == 1 and visited.is_checked('[value="refuted"]')

    assert opened(visited.url + "#L1.1").locator('[id="L1.1"] .evidence').is_visible()
