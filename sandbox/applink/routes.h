/* routes.h - the paths of the add-on, and those on which the sandbox plays Salesforce and calls the host. */
#ifndef SANDBOX_APPLINK_ROUTES_H
#define SANDBOX_APPLINK_ROUTES_H

#include "sandbox/state/state.h"

handler addon_invocation, addon_data_action, addon_authorization, addon_announce;
handler invoke_action, invoke_data_action, sign_request, file_content;

#endif
