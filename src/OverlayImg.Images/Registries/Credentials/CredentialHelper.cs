using System.ComponentModel;
using System.Diagnostics;

namespace OverlayImg.Images;

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
        using var process = Start(Locate());
        try
        {
            var errors = process.StandardError.BaseStream.CopyToAsync(Stream.Null, limit.Token);
            await SendAsync(process, server);
            var output = await ReadAsync(process.StandardOutput.BaseStream, limit.Token);
            await errors;
            await process.WaitForExitAsync(limit.Token);
            if (process.ExitCode == 0) return Read(output);
            var text = System.Text.Encoding.UTF8.GetString(output);
            return NotFound.Any(text.Contains) ? null : throw Failed("ended with an error");
        }
        catch (OperationCanceledException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Failed("does not come to an end", exception);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static async Task SendAsync(Process process, string server)
    {
        try
        {
            await process.StandardInput.WriteAsync(server + "\n");
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; what it says and its status tell why.
        }
    }

    private async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var output = new MemoryStream();
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            output.Write(buffer, 0, count);
            if (output.Length > MaximumOutput) throw Failed("says too much");
        }

        return output.ToArray();
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

    private Process Start(string path)
    {
        var start = new ProcessStartInfo(path, ["get"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException("No process came of it.");
        }
        catch (Win32Exception exception)
        {
            throw Failed("can't be started", exception);
        }
    }

    // Only where PATH names a place for all directories that one may stand in.
    private string Locate()
    {
        var program = $"docker-credential-{name}";
        if (name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'))
        {
            foreach (var directory in (options.Surroundings.Variable("PATH") ?? "").Split(':').Where(Path.IsPathRooted))
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
