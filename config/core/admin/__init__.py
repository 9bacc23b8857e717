"""What back-office pages of every room share: dialogs that call a service, read-only rows, spreadsheets."""
