using System.ComponentModel;
using System.Text;
using CliWrap;
using OverlayImg.Images.Json;
using OverlayImg.Images.Registries.Options;

namespace OverlayImg.Images.Registries.Credentials;

/// <summary>
/// An external program that stores credentials (docker-credential-helpers). Its output, including its errors, may
/// contain secrets and never appears in messages.
/// </summary>
internal sealed class CredentialHelper(string name, RegistryOptions options)
{
    private const int MaximumOutput = 1 << 20;
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    // The messages by which helpers report that they have no credentials. Helpers write them to standard output.
    private static readonly string[] NotFound = ["credentials not found in native keychain", "no credentials server URL", "no credentials username"];

    /// <summary>Asks the helper for the credentials for a server; null if the helper has none.</summary>
    /// <exception cref="MachineException">The helper is not installed, or it fails.</exception>
    public async Task<Credential?> GetAsync(string server, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Limits.HelperTime);
        using var output = new MemoryStream();
        var isTooLong = false;
        var standardInput = PipeSource.FromString(server + "\n", Encoding.UTF8);
        var standardOutput = PipeTarget.Create(async (stream, token) =>
        {
            isTooLong = !await TryReadAsync(stream, output, token);
            if (isTooLong) await limit.CancelAsync();
        });
        // Cli.Wrap reads the current directory of the tool, which may be deleted. An empty path keeps the directory without reading it.
        var helper = new Command(
            Locate(), "get", workingDirPath: "", ResourcePolicy.Default, CliWrap.Credentials.Default, new Dictionary<string, string?>(),
            CommandResultValidation.None, standardInput, standardOutput, PipeTarget.Null);
        try
        {
            var result = await helper.ExecuteAsync(limit.Token);
            if (result.ExitCode == 0) return Read(output.ToArray());
            var text = Encoding.UTF8.GetString(output.ToArray());
            return NotFound.Any(text.Contains) ? null : throw Failed("ended with an error");
        }
        catch (Win32Exception exception)
        {
            throw Failed("can't be started", exception);
        }
        // CliWrap has killed the helper with all its children. CliWrap throws TimeoutException for a process that survives.
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Failed(isTooLong ? $"writes more than {MaximumOutput} bytes" : "does not end in time", exception);
        }
    }

    // False if the stream has more than MaximumOutput bytes.
    private static async Task<bool> TryReadAsync(Stream stream, MemoryStream output, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            output.Write(buffer, 0, count);
            if (output.Length > MaximumOutput) return false;
        }

        return true;
    }

    private Credential? Read(byte[] output)
    {
        try
        {
            var root = JsonInput.Parse(output, default);
            return Credential.Of(root.Text("Username") ?? "", root.Text("Secret") ?? "");
        }
        catch (InputException)
        {
            throw Failed("writes something other than credentials");
        }
    }

    // Only absolute directories of PATH are searched. What a relative directory means depends on the current directory.
    private string Locate()
    {
        var program = $"docker-credential-{name}";
        if (name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'))
        {
            foreach (var directory in (options.Environment.Variable("PATH") ?? "").Split(':').Where(Path.IsPathRooted))
            {
                var path = Path.Combine(directory, program);
                if (File.Exists(path) && (File.GetUnixFileMode(path) & AnyExecute) != 0) return path;
            }
        }

        throw new MachineException($"There is no program {JsonInput.Printable(program)}, which docker's configuration names as a credential helper")
        {
            Advice = "Install the program, or remove it from \"credsStore\" and \"credHelpers\".",
        };
    }

    private MachineException Failed(string how, Exception? exception = null) =>
        new($"The credential helper docker-credential-{JsonInput.Printable(name)} {how}", exception)
        {
            Advice = "Log in again, or run the helper by hand to see its error.",
        };
}
