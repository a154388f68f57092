"""Archives of images, to be indexed afterwards."""

from typing import Annotated

from fastapi import APIRouter, File, UploadFile

from api.dependencies import UPLOADS, CallerDep, ServicesDep
from api.services.archives import unpack_archive
from lookalike.wire.uploads import Uploaded

router = APIRouter(prefix="/uploads", tags=["uploads"])


@router.post("", status_code=201)
def upload_archive(
    services: ServicesDep,
    caller: CallerDep,
    file: Annotated[UploadFile, File(description="a zip archive of images and their annotations")],
) -> Uploaded:
    """Unpack a zip archive below the data directory; the same archive again gives the same folder."""
    caller.require_local_power("store images")
    unpacked = unpack_archive(file.file, file.filename or "upload.zip", services.workspace.data_dir / UPLOADS)
    return Uploaded(path=str(unpacked.folder), n_files=unpacked.n_files, n_bytes=unpacked.n_bytes)
