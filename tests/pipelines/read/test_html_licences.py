"""Which licences a page's markup names, and how far each speaks for the page."""

import pytest

from pipelines.read.html_text import page_text

CC = "https://creativecommons.org/licenses/"
LD = '<script type="application/ld+json">'
PAGES = [
    # body, declared, elsewhere
    ("<p>text</p>", None, {}),
    (f'<a rel="license" href="{CC}by/4.0/">x</a>', f"{CC}by/4.0/", {}),
    (f'<link REL="License nofollow" href="{CC}by-sa/4.0/">', f"{CC}by-sa/4.0/", {}),
    (f'<a href="{CC}by/4.0/">x</a>', None, {"licence_linked": f"{CC}by/4.0/"}),
    (f'<footer><p><a href="{CC}by/4.0/">x</a></footer>', None, {"licence_footer": f"{CC}by/4.0/"}),
    (f'<div class="site-footer"><a href="{CC}by/4.0/">x</a></div>', None, {"licence_footer": f"{CC}by/4.0/"}),
    (f'<figure><img src=a><a rel="license" href="{CC}by-nc/2.0/">x</a></figure>', None, {"licence_linked": f"{CC}by-nc/2.0/"}),
    (f'<a rel=license href="{CC}by/4.0/">a</a><a href="{CC}by/4.0/">b</a><a href="{CC}by-nc/2.0/">c</a>', f"{CC}by/4.0/", {"licence_linked": f"{CC}by-nc/2.0/"}),
    ('<meta name="DC.rights" content="CC-BY-4.0">', "CC-BY-4.0", {}),
    ('<meta name="dcterms.license" content="https://example.org/terms">', "https://example.org/terms", {}),
    ('<meta name="DC.Rights" content="Copyright 2020\n Example. All rights reserved.">', None, {"licence_rights": "Copyright 2020 Example. All rights reserved."}),
    (f'{LD}{{"@type": "Article", "license": "{CC}by-nc/4.0/"}}</script>', f"{CC}by-nc/4.0/", {}),
    (f'{LD}{{"@graph": [{{"@type": "WebPage", "license": {{"@id": "{CC}by/4.0/"}}}}, {{"@type": "ImageObject", "license": "{CC}by-sa/3.0/"}}]}}</script>', f"{CC}by/4.0/", {}),
    (f'{LD}[{{"@type": ["Dataset"], "license": ["CC0-1.0", "MIT"]}}]</script>', "CC0-1.0 MIT", {}),
    (f"{LD}{{broken</script>", None, {}),
    (f'<span property="cc:license" resource="{CC}by/3.0/">x</span>', f"{CC}by/3.0/", {}),
    (f'<a itemprop="license" href="{CC}by/3.0/">x</a>', f"{CC}by/3.0/", {}),
    ('<link rel="license">', None, {}),
]  # fmt: skip


@pytest.mark.parametrize(("body", "declared", "elsewhere"), PAGES, ids=range(len(PAGES)))
def test_licences_of_a_page(body, declared, elsewhere):
    _, found, more = page_text(f"<!doctype html><html><head><title>t</title></head><body>{body}</body></html>")
    assert (found, more) == (declared, elsewhere)


def test_a_page_of_links_without_end_hands_on_a_few():
    page = "".join(f'<a href="{CC}by/{i}.0/">x</a>' for i in range(5_000))
    _, declared, more = page_text(page)
    assert declared is None
    assert len(more["licence_linked"].split()) == 16
