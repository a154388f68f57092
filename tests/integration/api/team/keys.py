"""Keys of a server that a team reaches, one for each access."""

from dataclasses import replace

from api.access import Access, AccessKey
from api.settings import ServerIdentity

KEYS = {access: AccessKey(access, f"{access.word}-{20 * 'x'}") for access in (Access.READ, Access.REVIEW, Access.ADMIN)}
IDENTITY = replace(
    ServerIdentity.make(), keys=tuple(KEYS.values()), guest_access=Access.NONE, trusts_own_page=False, name="8050"
)
