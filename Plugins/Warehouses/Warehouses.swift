// Warehouses
