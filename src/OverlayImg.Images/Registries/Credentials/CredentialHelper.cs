using System.ComponentModel;
using System.Text;
using CliWrap;
using OverlayImg.Images.Json;
using OverlayImg.Images.Registries.Options;

namespace OverlayImg.Images.Registries.Credentials;

/// <summary>A program that keeps credentials for docker (docker-credential-helpers). What it says is a secret, its errors too.</summary>
internal sealed class CredentialHelper(string name, RegistryOptions options)
{
    private const int MaximumOutput = 1 << 20;
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    // How helpers say that they know nobody; they say it on standard output.
    private static readonly string[] NotFound = ["credentials not found in native keychain", "no credentials server URL", "no credentials username"];

    /// <summary>Asks for the credentials for a server; null where the helper has none.</summary>
    /// <exception cref="MachineException">There is no such helper, or it fails.</exception>
    public async Task<Credential?> GetAsync(string server, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Limits.HelperTime);
        using var output = new MemoryStream();
        var saysTooMuch = false;
        var question = PipeSource.FromString(server + "\n", Encoding.UTF8);
        var answer = PipeTarget.Create(async (said, token) =>
        {
            saysTooMuch = !await TryReadAsync(said, output, token);
            if (saysTooMuch) await limit.CancelAsync();
        });
        // Cli.Wrap asks for the current directory of the tool, which may be gone. An empty path leaves the directory as it is.
        var helper = new Command(
            Locate(), "get", workingDirPath: "", ResourcePolicy.Default, CliWrap.Credentials.Default, new Dictionary<string, string?>(),
            CommandResultValidation.None, question, answer, PipeTarget.Null);
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
        // CliWrap has killed the helper with all its children. It throws TimeoutException for a process that outlives that.
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Failed(saysTooMuch ? "says too much" : "does not come to an end", exception);
        }
    }

    /// <summary>Reads all of <paramref name="said"/>; false where that is more than a helper has to say.</summary>
    private static async Task<bool> TryReadAsync(Stream said, MemoryStream output, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        while (await said.ReadAsync(buffer, cancellationToken) is > 0 and var count)
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
            throw Failed("answers with what are no credentials");
        }
    }

    // Only where PATH names a place for all directories that one may stand in.
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

        throw new MachineException($"There is no program {JsonInput.Printable(program)}, which keeps credentials as docker's configuration says")
        {
            Advice = "Install it, or take it out of \"credsStore\" and \"credHelpers\".",
        };
    }

    private MachineException Failed(string how, Exception? exception = null) =>
        new($"The credential helper docker-credential-{JsonInput.Printable(name)} {how}", exception) { Advice = "Log in again, or look at what it says by itself." };
}
