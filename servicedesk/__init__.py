"""The service desk: tickets, reports, and the pages that show them."""
