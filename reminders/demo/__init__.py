"""reminders.demo: three invented clinics, loaded on the first start so that reminders arrive within minutes.

What does not live here: anything the product needs; a real clinic starts with import_agenda and its settings.
Open first: loading.py; the agendas are in agendas/, their dates relative to the demo's first day.
"""
