using System.Diagnostics;
using System.Text;

namespace OverlayImg.Testing;

/// <summary>What a program did: exit code and both streams.</summary>
public sealed record ToolResult(string CommandLine, int ExitCode, byte[] StandardOutputBytes, string StandardError)
{
    public string StandardOutput => Encoding.UTF8.GetString(StandardOutputBytes);

    /// <summary>Demands success; the failure shows the command and everything it said.</summary>
    public ToolResult Succeeded() =>
        ExitCode == 0 ? this : throw new InvalidOperationException($"{CommandLine}\nexit code {ExitCode}\n{StandardOutput}\n{StandardError}");
}

/// <summary>Runs an outside program, a judge as a rule, and waits for it.</summary>
public static class Tool
{
    /// <summary>Runs <paramref name="program"/>; never throws for its exit code (see <see cref="ToolResult.Succeeded"/>).</summary>
    public static async Task<ToolResult> RunAsync(string program, IEnumerable<string> arguments, Stream? standardInput = null,
        string? directory = null, IReadOnlyDictionary<string, string?>? environment = null, CancellationToken cancellationToken = default)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>()) start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        using var output = new MemoryStream();
        var feeding = FeedAsync(process, standardInput, cancellationToken);
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output, cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await Task.WhenAll(feeding, reading, errors);
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new($"{program} {string.Join(' ', start.ArgumentList)}", process.ExitCode, output.ToArray(), await errors);
    }

    /// <summary>Runs a program that must succeed, and gives its standard output as text.</summary>
    public static async Task<string> OutputAsync(string program, params string[] arguments) =>
        (await RunAsync(program, arguments)).Succeeded().StandardOutput;

    /// <summary>Runs a bash script (<c>set -euo pipefail</c>) that must succeed, in <paramref name="directory"/>.</summary>
    public static async Task<string> BashAsync(string script, string? directory = null) =>
        (await RunAsync("bash", ["-euo", "pipefail", "-c", script], directory: directory)).Succeeded().StandardOutput;

    private static async Task FeedAsync(Process process, Stream? input, CancellationToken cancellationToken)
    {
        try
        {
            if (input is not null) await input.CopyToAsync(process.StandardInput.BaseStream, cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading all of it; its exit code tells the test what that means.
            return;
        }
    }
}
