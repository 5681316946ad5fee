namespace OverlayImg.FileSystems.Tests;

/// <summary>The collection of tests that measure the memory of the process. No other test may run at the same time.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public static class MemoryTests;
