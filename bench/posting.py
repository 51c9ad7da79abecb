"""A mail provider that only notes to whom it was handed a mail."""

import os

from django.core.mail.backends.base import BaseEmailBackend


class Counting(BaseEmailBackend):
    def send_messages(self, email_messages):
        for message in email_messages:
            line = os.open(os.environ["BENCH_SENT"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.write(line, f"{message.to[0]}\n".encode())
            os.close(line)
        return len(email_messages)
