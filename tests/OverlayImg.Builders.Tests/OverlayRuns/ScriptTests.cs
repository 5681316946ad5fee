using OverlayImg.Layers.Scripts;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.OverlayRuns;

public sealed class ScriptTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("echo one\r\necho two\r\n")]
    [InlineData("#!/bin/bash\r\necho\r\n")]
    public async Task Windows_line_ends_are_refused_with_advice(string text)
    {
        await File.WriteAllTextAsync(_directory["script"], text, TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<InputException>(() => Script.ReadAsync(_directory["script"], default));
        Assert.Contains("CR LF", error.Message, StringComparison.Ordinal);
        // The advice contains a command, and the command must work.
        await Tool.BashAsync(error.Advice!.Text[(error.Advice.Text.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        Assert.DoesNotContain((byte)'\r', (await Script.ReadAsync(_directory["script"], default)).Text.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("echo")]
    [InlineData("printf '%s' 'GET / HTTP/1.1\r\n'\necho done\n")]
    public async Task Other_scripts_are_read_unchanged(string text)
    {
        await File.WriteAllTextAsync(_directory["script"], text, TestContext.Current.CancellationToken);
        Assert.Equal(System.Text.Encoding.UTF8.GetBytes(text), (await Script.ReadAsync(_directory["script"], default)).Text.ToArray());
    }
}
