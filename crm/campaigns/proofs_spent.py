"""Proofs of work that were used: each lets one form through."""

from django.db import models
from django.utils import timezone


class SpentProof(models.Model):
    challenge = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["at"], name="spent_proof_by_time")]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M}"
