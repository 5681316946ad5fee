namespace OverlayImg.Sandbox.Tests.Fakes;

internal static class FakeQemu
{
    public const string Command = "fake-qemu";

    public static async Task<int> RunAsync(string behaviour)
    {
        await Task.Yield();
        return behaviour.Length;
    }
}
