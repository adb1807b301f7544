"""Agenda files as clinics' old systems write them, and what is known of the clinics. Invented; no product code here."""
