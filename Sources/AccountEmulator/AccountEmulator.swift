// AccountEmulator
