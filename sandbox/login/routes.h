/* routes.h - the paths of the org's login server. */
#ifndef SANDBOX_LOGIN_ROUTES_H
#define SANDBOX_LOGIN_ROUTES_H

#include "sandbox/state/state.h"

handler oauth_token; /* oauth.c */
handler data_token;  /* data_token.c */
handler oauth_authorize, oauth_userinfo, oauth_identity, oauth_revoke, oauth_introspect,
    oauth_discovery; /* identity.c */

#endif
