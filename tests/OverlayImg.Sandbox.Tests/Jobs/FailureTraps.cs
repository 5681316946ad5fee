using System.Text;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Jobs;

/// <summary>Runs scripts by the host's bash, with and without the traps that the guest sets (vm-images/guest/bash-env).</summary>
internal sealed class FailureTraps(TemporaryDirectory directory)
{
    /// <summary>What a script did, and the failure record that it left.</summary>
    public sealed record Run(int Status, string Output, string Errors, byte[] Record);

    /// <summary>Runs a script by <c>bash OPTIONS script</c>. The record has the name that the guest gives to a script.</summary>
    public async Task<Run> RunAsync(string script, string options = "-e", bool traps = true)
    {
        var (file, record, environment) = (directory["script"], directory["record"], directory["bash-env"]);
        await File.WriteAllTextAsync(file, script);
        File.Delete(record);
        var text = await File.ReadAllTextAsync(Path.Combine(Checkout(), "vm-images/guest/bash-env"));
        await File.WriteAllTextAsync(environment, text
            .Replace("/.overlayimg/scripts/*", file, StringComparison.Ordinal)
            .Replace("/.overlayimg/record", record, StringComparison.Ordinal));
        var variables = new Dictionary<string, string?> { ["BASH_ENV"] = traps ? environment : null };
        var run = await Tool.RunAsync(
            "bash", [.. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), file], environment: variables,
            cancellationToken: TestContext.Current.CancellationToken);
        var bytes = File.Exists(record) ? await File.ReadAllBytesAsync(record) : [];
        var told = Encoding.Latin1.GetString(bytes).Replace(file, "/.overlayimg/scripts/run-as-root", StringComparison.Ordinal);
        return new(run.ExitCode, run.StandardOutput, run.StandardError, Encoding.Latin1.GetBytes(told));
    }

    private static string Checkout()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Sandbox.sln"))) return folder;
        throw new InvalidOperationException("The tests are not in a checkout.");
    }
}
