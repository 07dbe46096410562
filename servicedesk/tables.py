"""Every module that declares tables, so that the metadata is whole wherever this is imported."""

import cmdb.item_numbers
import cmdb.item_parts
import cmdb.items
import cmdb.organisation
import cmdb.people
import cmdb.registry
import servicedesk.allowance
import servicedesk.api.models
import servicedesk.directory.models
import servicedesk.heartbeat
import servicedesk.intake.models
import servicedesk.inventory.views
import servicedesk.notify.models
import servicedesk.openid.models
import servicedesk.quality.models
import servicedesk.reports.models
import servicedesk.reviews.models
import servicedesk.rota.models
import servicedesk.signin.account_models
import servicedesk.signin.models
import servicedesk.tickets.handover_models
import servicedesk.tickets.models
import sla.models

__all__ = ["cmdb", "servicedesk", "sla"]
