"""The sub-commands of `servicedesk`, one module per subject."""
