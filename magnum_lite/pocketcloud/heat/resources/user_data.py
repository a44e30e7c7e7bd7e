# SPDX-License-Identifier: Apache-2.0
"""The user data of a server, in the form that its format asks for."""

import base64
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from typing import Final

FORMATS: Final = ("HEAT_CFNTOOLS", "RAW", "SOFTWARE_CONFIG")
CFN_NAME: Final = "cfn-userdata"
CFN_TYPE: Final = "x-cfninitdata"


def encoded(text: str, form: str) -> str | None:
    """Give the user data in base64: as it is, or as a part of a multi-part message for cloud-init."""
    if not text:
        return None
    return base64.b64encode((text if form == "RAW" else _multipart(text, form)).encode()).decode()


def _multipart(text: str, form: str) -> str:
    message = MIMEMultipart()
    if form == "HEAT_CFNTOOLS":
        part = MIMEText(text, _subtype=CFN_TYPE)
        part.add_header("Content-Disposition", "attachment", filename=CFN_NAME)
    else:
        part = MIMEText(text, _subtype="x-shellscript")
    message.attach(part)
    return message.as_string()
