using System.Diagnostics;

namespace OverlayImg.Sandbox.Qemu;

/// <summary>The installed QEMU.</summary>
/// <param name="Path">Absolute path of the executable.</param>
/// <param name="Version">Version as QEMU prints it: "7.2.22".</param>
public sealed record Emulator(string Path, string Version)
{
    /// <summary>Finds QEMU and the programs of util-linux that start it, and asks QEMU for its version.</summary>
    /// <exception cref="MachineException">A program is not installed, or QEMU does not run.</exception>
    public static Emulator Find()
    {
        var program = QemuProgram.Find();
        var start = new ProcessStartInfo(program.Path, ["--version"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("Process.Start returned no process.");
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            var said = errors.GetAwaiter().GetResult().Trim();
            throw new MachineException($"'{program.Path} --version' fails: {said}") { Advice = "Install QEMU again." };
        }

        // "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)"
        return new(program.Path, text.Split(' ', '\n').SkipWhile(word => word != "version").ElementAtOrDefault(1) ?? text.Trim());
    }
}
