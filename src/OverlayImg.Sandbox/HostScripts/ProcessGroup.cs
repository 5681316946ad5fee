using System.Runtime.InteropServices;

namespace OverlayImg.Sandbox.HostScripts;

/// <summary>Signals to Unix process groups.</summary>
internal static partial class ProcessGroup
{
    private const int SigKill = 9;

    /// <summary>Kills all processes of the group that <paramref name="leader"/> created. An empty group is no error.</summary>
    public static void Kill(int leader) => _ = Send(-leader, SigKill);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);
}
