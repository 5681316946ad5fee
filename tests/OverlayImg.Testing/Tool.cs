using System.Text;
using CliWrap;

namespace OverlayImg.Testing;

/// <summary>The result of a program: exit code, standard output and standard error.</summary>
public sealed record ToolResult(string CommandLine, int ExitCode, byte[] StandardOutputBytes, string StandardError)
{
    public string StandardOutput => Encoding.UTF8.GetString(StandardOutputBytes);

    /// <summary>
    /// Returns the result of a program that succeeded. For another program the exception has the command and all output.
    /// </summary>
    public ToolResult Succeeded() =>
        ExitCode == 0 ? this : throw new InvalidOperationException($"{CommandLine}\nexit code {ExitCode}\n{StandardOutput}\n{StandardError}");
}

/// <summary>Runs an external program and waits for its end. Most of these programs check the tool's output.</summary>
public static class Tool
{
    /// <summary>
    /// Runs <paramref name="program"/>. The exit code causes no exception (see <see cref="ToolResult.Succeeded"/>).
    /// Cancellation kills the program and its children.
    /// </summary>
    public static async Task<ToolResult> RunAsync(string program, IEnumerable<string> arguments, Stream? standardInput = null,
        string? directory = null, IReadOnlyDictionary<string, string?>? environment = null, CancellationToken cancellationToken = default)
    {
        string[] list = [.. arguments];
        using var output = new MemoryStream();
        var errors = new StringBuilder();
        var result = await CommandOf(program, list, directory, environment)
            // A program may end without reading all of its input. Its exit code tells the test whether that is an error.
            .WithStandardInputPipe(standardInput is null ? PipeSource.Null : PipeSource.FromStream(standardInput))
            .WithStandardOutputPipe(PipeTarget.ToStream(output))
            .WithStandardErrorPipe(PipeTarget.ToStringBuilder(errors, Encoding.UTF8))
            .ExecuteAsync(cancellationToken);
        return new($"{program} {string.Join(' ', list)}", result.ExitCode, output.ToArray(), errors.ToString());
    }

    /// <summary>Runs a program that must succeed, and returns its standard output as text.</summary>
    public static async Task<string> OutputAsync(string program, params string[] arguments) =>
        (await RunAsync(program, arguments)).Succeeded().StandardOutput;

    /// <summary>Runs a bash script (<c>set -euo pipefail</c>) that must succeed, in <paramref name="directory"/>.</summary>
    public static async Task<string> BashAsync(string script, string? directory = null) =>
        (await RunAsync("bash", ["-euo", "pipefail", "-c", script], directory: directory)).Succeeded().StandardOutput;

    internal static Command CommandOf(string program, string[] arguments, string? directory, IReadOnlyDictionary<string, string?>? environment)
    {
        var command = Cli.Wrap(program).WithArguments(arguments).WithEnvironmentVariables(environment ?? new Dictionary<string, string?>())
            .WithValidation(CommandResultValidation.None);
        return directory is null ? command : command.WithWorkingDirectory(directory);
    }
}
