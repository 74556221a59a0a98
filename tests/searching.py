"""Search as a browser does: open the page, post its form, follow the way to the page with the sealed words."""

from httpx import Response
from litestar.testing import AsyncTestClient


async def search(client: AsyncTestClient, page: str, action: str = "", /, **typed: str) -> Response:
    """Return the page that a search shows. `action`: where the form leads, if not to the page itself."""
    return await client.get(await sealed_address(client, page, action, **typed))


async def sealed_address(client: AsyncTestClient, page: str, action: str = "", /, **typed: str) -> str:
    """Return the address that the answer to a search names."""
    token = csrf_token((await client.get(page)).text)
    answer = await client.post(action or page, data={**typed, "_csrf_token": token}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def csrf_token(page: str) -> str:
    """Return the token in the forms of a page."""
    return page.partition('name="_csrf_token" value="')[2].partition('"')[0]
