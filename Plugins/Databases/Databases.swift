// Databases
