namespace OverlayImg.Tool.Tests.Registries;

/// <summary>A registry without TLS and authentication, for the tests of a class.</summary>
public sealed class PlainRegistry : IAsyncLifetime
{
    private TestRegistry? _registry;

    public TestRegistry Registry => _registry ?? throw new InvalidOperationException("The registry is not started.");

    public async ValueTask InitializeAsync() => _registry = await TestRegistry.StartAsync();

    public ValueTask DisposeAsync() => _registry?.DisposeAsync() ?? ValueTask.CompletedTask;
}
