//! Loaded into User-Mode Linux (`LD_PRELOAD`), in front of the C library's `ptrace`.
//!
//! User-Mode Linux 6.1 keeps 2,696 bytes of vector registers for each of its processes, and the host's kernel accepts only
//! the full size. On a processor with AMX that is 11,008 bytes, and the guest's first process dies with `ptrace set fp regs
//! failed, errno = 14`. This wrapper fills the missing part with "not in use". That is correct: nobody can use AMX without
//! requesting it. It also makes the guest's processes die with the guest, however it ends: otherwise they would keep running
//! as processes of the host. `install` compiles this file; it is not part of the tests' program.

use std::ffi::{c_int, c_long, c_uint, c_void};

#[repr(C)]
struct Piece {
    base: *mut u8,
    length: usize,
}

unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
}

const PTRACE: c_long = 101;
const PEEKS: std::ops::RangeInclusive<c_uint> = 1..=3;
const SETOPTIONS: c_uint = 0x4200;
/// `PTRACE_O_EXITKILL`.
const DIES_WITH_TRACER: usize = 0x0010_0000;
const GETREGSET: c_uint = 0x4204;
const SETREGSET: c_uint = 0x4205;
const NT_X86_XSTATE: usize = 0x202;
/// Where the XSAVE header says which parts are in use; the guest knows the parts up to PKRU.
const IN_USE: std::ops::Range<usize> = 512..520;
const KNOWN: u64 = 0x3ff;

// Not on the stack: the caller's stack is a single page. User-Mode Linux has one thread.
static mut WHOLE: [u8; 1 << 16] = [0; 1 << 16];

/// # Safety
/// As `ptrace(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptrace(request: c_uint, pid: c_int, address: *mut c_void, data: *mut c_void) -> c_long {
    unsafe {
        let call = |data: *mut c_void| syscall(PTRACE, c_long::from(request), c_long::from(pid), address, data);
        if PEEKS.contains(&request) {
            // The C library returns the value that was read; the kernel writes it to memory.
            let mut word: c_long = 0;
            let done = call((&raw mut word).cast());
            return if done < 0 { done } else { word };
        }
        if request == SETREGSET && address as usize == NT_X86_XSTATE {
            let given = &*data.cast::<Piece>();
            let whole = &mut *(&raw mut WHOLE);
            let mut piece = Piece { base: whole.as_mut_ptr(), length: whole.len() };
            let place: *mut c_void = (&raw mut piece).cast();
            let got = syscall(PTRACE, c_long::from(GETREGSET), c_long::from(pid), address, place);
            if got == 0 && piece.length > given.length {
                whole.fill(0);
                std::ptr::copy_nonoverlapping(given.base, whole.as_mut_ptr(), given.length);
                let mut used = [0; 8];
                used.copy_from_slice(&whole[IN_USE]);
                whole[IN_USE].copy_from_slice(&(u64::from_le_bytes(used) & KNOWN).to_le_bytes());
                return call(place);
            }
        }
        if request == SETOPTIONS {
            return call((data as usize | DIES_WITH_TRACER) as *mut c_void);
        }
        call(data)
    }
}
