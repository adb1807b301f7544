"""Which errors does the Messages API answer, and in which form? Twilio's error dictionary, as far as it is used here.

Sources: twilio.com/docs/api/errors/<code> for the codes and their words; "Twilio API responses" for the form.
"""

from __future__ import annotations

from aiohttp import web

#: code → (HTTP status, words; {} is the value that was refused)
ERRORS: dict[int, tuple[int, str]] = {
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource {} was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    21211: (400, "The 'To' number {} is not a valid phone number."),
    21212: (400, "The 'From' number {} is not a valid phone number, shortcode, or alphanumeric sender ID."),
    21266: (400, "'To' and 'From' number cannot be the same: {}"),
    21408: (400, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {}."),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (
        400,
        "The 'From' phone number {} is not a valid, SMS-capable inbound phone number or short code for your account.",
    ),
    21609: (400, "The StatusCallback URL {} is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (429, "This 'From' number {} has exceeded the maximum number of queued messages"),
    21612: (400, "The 'To' phone number {} is not currently reachable using the 'From' phone number via SMS."),
    21614: (400, "'To' number {} is not a valid mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21624: (400, "The ValidityPeriod {} is not an integer between 1 and 36,000 seconds."),
    21705: (400, "The Messaging Service Sid {} is invalid."),
}


class Refused(Exception):
    """The API says no. `about` is the value that it says no to."""

    def __init__(self, code: int, about: str = "") -> None:
        self.code = code
        self.status, words = ERRORS[code]
        self.words = words.format(about)
        super().__init__(self.words)


def answer(refused: Refused) -> web.Response:
    """The error in the API's form."""
    return web.json_response(
        {
            "code": refused.code,
            "message": refused.words,
            "more_info": f"https://www.twilio.com/docs/errors/{refused.code}",
            "status": refused.status,
        },
        status=refused.status,
        headers={"WWW-Authenticate": 'Basic realm="Twilio API"'} if refused.status == 401 else {},
    )
