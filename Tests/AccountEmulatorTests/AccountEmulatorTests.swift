// AccountEmulatorTests
