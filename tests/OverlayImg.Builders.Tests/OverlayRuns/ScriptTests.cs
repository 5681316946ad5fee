using System.Text;
using OverlayImg.Layers.Scripts;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.OverlayRuns;

/// <summary>Scripts that were edited on Windows are refused before they run, or get a warning.</summary>
public sealed class ScriptTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("a\r\nb\r\n", "has Windows line ends (CR LF)", "sed -i 's/\\r$//'")]
    [InlineData("#!/bin/sh\r\na\nb\n", "on its first line, so the interpreter after #! would not be found", "sed -i 's/\\r$//'")]
    [InlineData("#!/bin/sh\r", "on its first line", "sed -i 's/\\r$//'")]
    [InlineData("\ufeff#!/bin/sh\na\n", "begins with a byte order mark (BOM)", "sed -i '1s/^\\xEF\\xBB\\xBF//'")]
    public async Task A_script_that_can_not_work_is_refused_with_the_command_that_mends_it(string text, string what, string advice)
    {
        var refusal = await Assert.ThrowsAsync<InputException>(() => ReadAsync(text));
        Assert.Contains(what, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(advice, refusal.Describe(), StringComparison.Ordinal);
        Assert.Contains(_directory["script"], refusal.Describe(), StringComparison.Ordinal);
        await Tool.BashAsync(refusal.Advice!.Text[(refusal.Advice.Text.IndexOf(": ", StringComparison.Ordinal) + 2)..], _directory.Path);
        await Script.ReadAsync(_directory["script"], default);
    }

    [Theory]
    [InlineData("a\nb\r\nc\n", "script: line 2 has a Windows line end (CR LF)")]
    [InlineData("a\nb\r\nc\nd\r\n", "script: 2 lines have Windows line ends (CR LF), the first is line 2")]
    public async Task Some_windows_line_ends_get_a_warning_with_the_first_line(string text, string warning) =>
        Assert.Contains(warning, (await ReadAsync(text)).LineEndsWarning, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("a\nb\n")]
    [InlineData("printf '\\r\\n'")]
    public async Task Other_scripts_get_no_warning(string text) => Assert.Null((await ReadAsync(text)).LineEndsWarning);

    private async Task<Script> ReadAsync(string text)
    {
        await File.WriteAllBytesAsync(_directory["script"], Encoding.UTF8.GetBytes(text));
        return await Script.ReadAsync(_directory["script"], default);
    }
}
