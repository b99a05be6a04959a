// RBAC
