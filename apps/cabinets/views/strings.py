"""Sentences that the scripts of these pages say; {name} is filled in by the script."""

from __future__ import annotations

from django.utils.translation import gettext as _


def dialog_strings() -> dict[str, str]:
    """What every form and confirmation needs."""
    return {
        "cancel": _("Cancel"),
        "save": _("Save"),
        "create": _("Create"),
        "delete": _("Delete"),
        "required": _("Fill this in."),
        "saved": _("Saved"),
    }


def cabinet_strings() -> dict[str, str]:
    return {
        **dialog_strings(),
        **_upload_strings(),
        "selected": _("{count} selected"),
        "new_folder": _("New folder"),
        "rename_folder": _("Rename the folder"),
        "rename_document": _("Rename the document"),
        "delete_folder": _("Delete the folder “{name}”?"),
        "delete_folder_text": _("Only an empty folder can be deleted. Its empty subfolders go with it."),
        "delete_cabinet": _("Delete the cabinet “{name}”?"),
        "delete_cabinet_text": _(
            "All its documents disappear at once for everyone, and their files and passages are removed for good."
        ),
        "move_heading": _("Move {count} to another folder"),
        "delete_one": _("Delete “{name}”?"),
        "delete_many": _("Delete {count} documents?"),
        "delete_text": _(
            "They disappear from search and answers at once. The originals are removed and cannot be brought back."
        ),
        "delete_count": _("Delete {count}"),
        "moved": _("Moved: {count}"),
        "requeued": _("Queued to be read again: {count}"),
        "deleted": _("Deleted: {count}"),
        "some_failed": _("{good} done, {bad} not: {reason}"),
    }


def _upload_strings() -> dict[str, str]:
    return {
        "drop_here": _("Drop to put into “{folder}”"),
        "drop_forbidden": _("You may read here, but not add documents"),
        "upload_waiting": _("Waiting"),
        "upload_sending": _("Sending {percent}%"),
        "upload_accepted": _("Received"),
        "upload_failed": _("Failed"),
        "upload_gone": _("Deleted"),
        "upload_stop": _("Do not upload this file"),
        "upload_timeout": _("Sending took too long. Check the connection, then try again."),
        "server_busy": _("The server is busy; trying again"),
        "tray_sending": _("Uploading {done} of {count}"),
        "tray_done": _("Uploaded: {count}"),
        "tray_failed": _("Uploaded: {count}, failed: {failed}"),
        "unsupported_file": _(
            "This kind of file cannot be read. Save it as PDF, Word, Excel, PowerPoint or text."
        ),
        "file_too_large": _("The file is larger than {most} MB. Split it and upload the parts."),
        "too_large_for_server": _("The file is larger than the server takes."),
        "file_empty": _("The file is empty. Upload the file with its content."),
        "too_many_files": _("At most {most} files at once; {left} were left out. Upload those afterwards."),
        "unpack_heading": _("Unpack “{name}” here?"),
        "unpack_text": _(
            "Its files are added to “{folder}”, its folders are kept. What cannot be read is listed."
        ),
        "unpack_confirm": _("Unpack here"),
        "unpack_sending": _("Sending “{name}”: {percent}%"),
        "unpack_running": _("Unpacking “{name}”: {percent}%"),
        "unpack_done": _("“{name}”: {accepted} added, {existing} there already"),
        "unpack_rejected": _("“{name}”: {accepted} added, {existing} there already, {rejected} rejected"),
        "unpack_show": _("Show the rejected files"),
        "unpack_rejected_heading": _("Not taken from “{name}”"),
        "unpack_failed": _("“{name}” could not be unpacked: {reason}"),
        "close": _("Close"),
        "nothing_to_upload": _("There is no file in what you chose."),
    }


def document_strings() -> dict[str, str]:
    return {
        **dialog_strings(),
        "rename_document": _("Rename the document"),
        "move_heading": _("Move to another folder"),
        "delete_one": _("Delete “{name}”?"),
        "delete_text": _(
            "They disappear from search and answers at once. The originals are removed and cannot be brought back."
        ),
        "receipt_heading": _("Deleted"),
        "receipt_pending": _("It is invisible already; its passages and files are being removed."),
        "receipt": _(
            "Checked afterwards: {vectors} passages, {files} files and {previews} previews are left."
        ),
        "receipt_late": _("It is invisible already. Removing its files takes longer; it goes on by itself."),
        "back_to_folder": _("Back to the folder"),
        "requeued_one": _("Queued to be read again"),
        "chunk_text": _("Text of the passage"),
        "chunk_saved": _("The passage is found by its new words now"),
        "chunk_restore": _("Put back"),
        "chunk_until": _("until {when}, changed by {who}"),
        "chunk_history": _("Earlier texts: {count}"),
        "preview_running": _("Cutting …"),
        "preview_count": _("{count} passages, {now} now. The first of them:"),
        "marked_repealed": _("“{name}” is marked as repealed"),
        "version_sending": _("Sending the new version: {percent}%"),
        "version_done": _("The new version is being read; until then the earlier text is searched."),
        "version_timeout": _("Sending took too long. Check the connection, then try again."),
        "passage_on": _("Passage {number} is searched again"),
        "passage_off": _("Passage {number} is no longer searched"),
        "page_failed": _("The picture of this page could not be made."),
        "page_of": _("Page {page} of {total}"),
    }
