using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests;

/// <summary>An interactive root shell in a real terminal, from the prompt to the layer and the script of its commands.</summary>
public sealed class ShellTests(InstalledTool tool) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_a_shell_did_is_the_layer_and_its_kept_script_makes_the_same_layer_again()
    {
        string[] arguments = ["root-layer", "--from", InstalledTool.DebianBase];
        var shell = await Testing.Tool.RunAsync(
            "python3", [Judges.Seeds.Script("shell.py"), tool.Command, .. arguments, "--keep-script", "kept.sh", "-o", "typed"],
            directory: _directory.Path,
            environment: new Dictionary<string, string?> { ["OVERLAYIMG_CACHE_DIR"] = tool.Cache, ["OVERLAYIMG_GUEST_IMAGE"] = null },
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(shell.ExitCode == 0, shell.StandardOutput + shell.StandardError);
        Assert.Contains("typed: ", shell.StandardOutput, StringComparison.Ordinal);

        (await tool.RunAsync([.. arguments, "--run-as-root", "kept.sh", "-o", "again"], directory: _directory.Path)).Succeeded();
        Assert.Equal("""
            ./etc/motd
            755

            """, await Testing.Tool.BashAsync(
            "cmp {typed,again}/layer.tar; tar -tf typed/layer.tar | grep -E 'motd|history'; stat -c %a kept.sh", _directory.Path));
    }
}
